# 生产只在工作日的白天变更；紧急变更要有两个人同意。
package change.window

zone := "Asia/Shanghai"

now := time.parse_rfc3339_ns(input.at)

working_day if time.weekday([now, zone]) in {"Monday", "Tuesday", "Wednesday", "Thursday"}

daytime if {
	[hour, _, _] := time.clock([now, zone])
	hour >= 10
	hour < 17
}

approvers := {approval.user |
	some approval in input.approvals
	approval.state == "approved"
	approval.user != input.author
}

default allow := false

allow if {
	working_day
	daytime
	count(approvers) > 0
}

allow if {
	input.emergency
	count(approvers) >= 2
}

reasons contains "不在变更时段" if not daytime

reasons contains "不是工作日" if not working_day

reasons contains "没有别人的同意" if count(approvers) == 0

change(at, approvals) := {"at": at, "author": "lin", "approvals": approvals}

yes(user) := {"user": user, "state": "approved"}

test_wednesday_noon if {
	allow with input as change("2026-11-25T04:00:00Z", [yes("chen")])
}

test_each_day if {
	days := {23: true, 24: true, 25: true, 26: true, 27: false, 28: false}
	every day, want in days {
		at := sprintf("2026-11-%dT04:00:00Z", [day])
		object.get({true: true}, allowed_at(at), false) == want
	}
}

allowed_at(at) := result if result := allow with input as change(at, [yes("chen")])

test_edges_of_the_day if {
	allow with input as change("2026-11-25T02:00:00Z", [yes("chen")])
	not allow with input as change("2026-11-25T01:59:00Z", [yes("chen")])
	not allow with input as change("2026-11-25T09:00:00Z", [yes("chen")])
}

test_own_approval_does_not_count if {
	reasons == {"没有别人的同意"} with input as change("2026-11-25T04:00:00Z", [yes("lin")])
}

test_saturday_night if {
	reasons == {"不在变更时段", "不是工作日", "没有别人的同意"} with input as change(
		"2026-11-28T15:00:00Z",
		[{"user": "chen", "state": "dismissed"}],
	)
}

test_emergency if {
	night := object.union(
		change("2026-11-28T15:00:00Z", [yes("chen"), yes("wang")]),
		{"emergency": true},
	)
	allow with input as night
	not allow with input as object.union(night, {"approvals": [yes("chen")]})
}
