package network.egress

# 只有列出的目的地可以出去；最具体的网段说了算。
rules := [
	{"cidr": "0.0.0.0/0", "ports": set(), "action": "deny"},
	{"cidr": "10.0.0.0/8", "ports": {5432, 6379}, "action": "allow"},
	{"cidr": "10.20.0.0/16", "ports": {5432}, "action": "deny"},
	{"cidr": "192.0.2.0/24", "ports": {443}, "action": "allow"},
]

matching := [rule |
	some rule in rules
	net.cidr_contains(rule.cidr, input.destination)
	fits(rule.ports, input.port)
]

fits(ports, _) if count(ports) == 0

fits(ports, port) if port in ports

width(rule) := to_number(split(rule.cidr, "/")[1])

action := best.action if {
	widest := max([width(rule) | some rule in matching])
	some best in matching
	width(best) == widest
} else := "deny"

test_cases[name] if {
	some name, want in {
		"10.1.2.3:5432": "allow",
		"10.1.2.3:6379": "allow",
		"10.1.2.3:22": "deny",
		"10.20.0.9:5432": "deny",
		"10.20.0.9:6379": "allow",
		"192.0.2.80:443": "allow",
		"192.0.2.80:80": "deny",
		"198.51.100.7:443": "deny",
	}
	[destination, port] := split(name, ":")
	action == want with input as {"destination": destination, "port": to_number(port)}
}

test_no_rule_fits if {
	action == "deny" with input as {"destination": "2001:db8::1", "port": 443}
}

test_every_rule_says_what_it_does if {
	every rule in rules {
		rule.action in {"allow", "deny"}
		is_set(rule.ports)
	}
}
