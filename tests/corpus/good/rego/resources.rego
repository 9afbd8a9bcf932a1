package kubernetes.resources

# 内存上限不得超过请求的两倍，否则节点超卖时先被杀掉的是这个容器。
factor := 2

warn contains message if {
	some index, container in input.spec.template.spec.containers
	limit := units.parse_bytes(container.resources.limits.memory)
	request := units.parse_bytes(container.resources.requests.memory)
	limit > request * factor
	message := sprintf(
		"spec.template.spec.containers[%d]: limits.memory %s 超过 requests.memory %s 的 %d 倍",
		[index, container.resources.limits.memory, container.resources.requests.memory, factor],
	)
}

deny contains message if {
	some index, container in input.spec.template.spec.containers
	some resource in ["cpu", "memory"]
	not container.resources.requests[resource]
	message := sprintf("spec.template.spec.containers[%d]: 没有 requests.%s", [index, resource])
}

deployment(resources) := {"spec": {"template": {"spec": {"containers": [{
	"name": "order",
	"resources": resources,
}]}}}}

test_within_factor if {
	object := deployment({
		"requests": {"cpu": "250m", "memory": "128Mi"},
		"limits": {"memory": "256Mi"},
	})
	count(warn) == 0 with input as object
	count(deny) == 0 with input as object
}

test_limit_too_high if {
	warn == {concat("", [
		"spec.template.spec.containers[0]: limits.memory 257Mi ",
		"超过 requests.memory 128Mi 的 2 倍",
	])} with input as deployment({"requests": {"memory": "128Mi"}, "limits": {"memory": "257Mi"}})
}

test_requests_missing if {
	deny == {
		"spec.template.spec.containers[0]: 没有 requests.cpu",
		"spec.template.spec.containers[0]: 没有 requests.memory",
	} with input as deployment({"limits": {"memory": "256Mi"}})
}
