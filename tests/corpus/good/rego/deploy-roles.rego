# 谁可以把哪个服务部署到哪个环境。
package deploy.roles

default allow := false

# METADATA
# title: 值班的 SRE 可以部署到任何环境
allow if {
	"sre" in input.user.roles
	input.user.on_call
}

# METADATA
# title: 服务的负责人可以部署到生产以外的环境
allow if {
	input.service in owned
	input.environment in {"dev", "staging"}
}

owned contains service if {
	some service, team in data.owners
	team == input.user.team
}

owners := {"order": "trade", "cart": "trade", "search": "discovery"}

test_on_call_sre_may_deploy_to_production if {
	allow with input as {"user": {"roles": ["sre"], "on_call": true}, "environment": "production"}
}

test_sre_off_call_may_not if {
	not allow with input as {"user": {"roles": ["sre"], "on_call": false}, "environment": "production"}
}

test_owner_may_deploy_to_staging if {
	allow with input as {"user": {"team": "trade"}, "service": "cart", "environment": "staging"}
		with data.owners as owners
}

test_owner_may_deploy_to_dev if {
	allow with input as {"user": {"team": "discovery"}, "service": "search", "environment": "dev"}
		with data.owners as owners
}

test_owner_may_not_deploy_to_production if {
	not allow with input as {"user": {"team": "trade"}, "service": "order", "environment": "production"}
		with data.owners as owners
}

test_other_team_may_not if {
	owned == {"order", "cart"} with input as {"user": {"team": "trade"}} with data.owners as owners
}
