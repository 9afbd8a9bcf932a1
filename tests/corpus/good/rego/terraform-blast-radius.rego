package terraform.plan

# 一次变更动到的东西越多，分数越高；超过上限就需要人来看。
limit := 30

weights := {
	"aws_autoscaling_group": {"create": 1, "update": 5, "delete": 20},
	"aws_db_instance": {"create": 5, "update": 10, "delete": 100},
}

score := sum([points |
	some change in input.resource_changes
	some action in change.change.actions
	points := object.get(weights, [change.type, action], 0)
])

touches_iam if {
	some change in input.resource_changes
	regex.match(`^aws_iam_`, change.type)
	change.change.actions != ["no-op"]
}

default approve := false

approve if {
	score < limit
	not touches_iam
}

plan(type, actions) := {"resource_changes": [{
	"address": concat(".", [type, "main"]),
	"type": type,
	"change": {"actions": actions},
}]}

test_new_group if {
	input_plan := plan("aws_autoscaling_group", ["create"])
	score == 1 with input as input_plan
	approve with input as input_plan
}

test_replaced_group if {
	score == 21 with input as plan("aws_autoscaling_group", ["delete", "create"])
}

test_group_grows_and_shrinks if {
	score == 5 with input as plan("aws_autoscaling_group", ["update"])
}

test_replaced_database if {
	input_plan := plan("aws_db_instance", ["delete", "create"])
	score == 105 with input as input_plan
	not approve with input as input_plan
}

test_changed_database if {
	score == 10 with input as plan("aws_db_instance", ["update"])
}

test_at_the_limit if not approve with input as plan("aws_db_instance", ["update", "update", "update"])

test_role if not approve with input as plan("aws_iam_role", ["update"])

test_role_as_it_was if approve with input as plan("aws_iam_role", ["no-op"])
