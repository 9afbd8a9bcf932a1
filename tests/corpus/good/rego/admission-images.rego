package kubernetes.admission

# 初始化容器与普通容器一视同仁。
containers contains container if some container in input.request.object.spec.initContainers

containers contains container if some container in input.request.object.spec.containers

deny contains message if {
	some container in containers
	not startswith(container.image, "registry.example.com/")
	message := sprintf("容器 %s：镜像 %s 不在公司仓库", [container.name, container.image])
}

deny contains message if {
	some container in containers
	not contains(container.image, "@sha256:")
	message := sprintf("容器 %s：镜像没有写明摘要", [container.name])
}

pod(first, second) := {"request": {"object": {"spec": {
	"initContainers": [{"name": "migrate", "image": first}],
	"containers": [{"name": "app", "image": second}],
}}}}

test_both_pinned if {
	count(deny) == 0 with input as pod(
		"registry.example.com/migrate@sha256:1f",
		"registry.example.com/app@sha256:2e",
	)
}

test_init_container_from_elsewhere if {
	deny == {"容器 migrate：镜像 docker.io/migrate@sha256:1f 不在公司仓库"} with input as pod(
		"docker.io/migrate@sha256:1f",
		"registry.example.com/app@sha256:2e",
	)
}

test_app_by_tag if {
	deny == {"容器 app：镜像没有写明摘要"} with input as pod(
		"registry.example.com/migrate@sha256:1f",
		"registry.example.com/app:1.4",
	)
}
