# 错误预算用完就停止发布，修复除外。
package release.gate

import data.slo

# METADATA
# description: 预算的剩余比例；1 表示还没有花
# entrypoint: true
remaining := 1 - (burnt / allowed) if {
	allowed := 1 - slo[input.service].objective
	burnt := input.errors / input.requests
}

default verdict := "stop"

verdict := "go" if remaining >= 0.5

verdict := "canary" if {
	remaining < 0.5
	remaining > 0
}

verdict := "fix only" if {
	remaining <= 0
	startswith(input.branch, "hotfix/")
}

objectives := {"order": {"objective": 0.999}}

test_untouched_budget if {
	verdict == "go" with input as {"service": "order", "errors": 0, "requests": 1000000}
		with data.slo as objectives
}

test_half_of_it_left if {
	verdict == "canary" with input as {"service": "order", "errors": 600, "requests": 1000000}
		with data.slo as objectives
}

test_all_burnt if {
	verdict == "stop" with input as {
		"service": "order",
		"branch": "main",
		"errors": 1500,
		"requests": 1000000,
	}
		with data.slo as objectives
}

test_fix_goes_out if {
	verdict == "fix only" with input as {
		"service": "order",
		"branch": "hotfix/timeout",
		"errors": 1500,
		"requests": 1000000,
	}
		with data.slo as objectives
}

test_unknown_service if {
	verdict == "stop" with input as {"service": "cart", "errors": 0, "requests": 1}
		with data.slo as objectives
}
