# conftest 把 Dockerfile 解析成指令的列表再交给它。
package main

last_stage := max({instruction.Stage | some instruction in input})

final contains instruction if {
	some instruction in input
	instruction.Stage == last_stage
}

values(command) := [instruction.Value | some instruction in final; instruction.Cmd == command]

deny contains "最后阶段没有 USER：容器以 root 运行" if count(values("user")) == 0

deny contains message if {
	some [user] in values("user")
	user in {"0", "root", "0:0", "root:root"}
	message := sprintf("USER %s 就是 root", [user])
}

warn contains message if {
	some [image] in values("from")
	not image == "scratch"
	tag := split(image, ":")[1]
	tag in {"latest", "edge"}
	message := sprintf("%s 每天可能不同；写明版本", [image])
}

file(user, base) := [
	{"Cmd": "from", "Stage": 0, "Value": ["golang:1.27", "AS", "build"]},
	{"Cmd": "user", "Stage": 0, "Value": ["root"]},
	{"Cmd": "from", "Stage": 1, "Value": [base]},
	{"Cmd": "user", "Stage": 1, "Value": [user]},
]

test_plain_user if {
	count(deny) == 0 with input as file("65532", "scratch")
	count(warn) == 0 with input as file("65532", "scratch")
}

test_root_by_name if deny == {"USER root 就是 root"} with input as file("root", "scratch")

test_root_by_number if deny == {"USER 0 就是 root"} with input as file("0", "scratch")

test_root_with_group if {
	count(deny) == 1 with input as file("0:0", "scratch")
	count(deny) == 1 with input as file("root:root", "scratch")
}

test_no_user if {
	deny == {"最后阶段没有 USER：容器以 root 运行"} with input as array.slice(file("1", "scratch"), 0, 1)
}

test_moving_tag if {
	warn == {"alpine:latest 每天可能不同；写明版本"} with input as file("1", "alpine:latest")
	warn == {"alpine:edge 每天可能不同；写明版本"} with input as file("1", "alpine:edge")
}
