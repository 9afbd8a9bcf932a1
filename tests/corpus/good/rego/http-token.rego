# 网关把请求转给它：谁能调用哪个接口由令牌里的 scope 决定。
package http.authz

import data.http.keys

default decision := {"allowed": false, "status": 401, "reason": "没有令牌，或者令牌无效"}

decision := {"allowed": true, "status": 200} if required in scopes

decision := {"allowed": false, "status": 403, "reason": sprintf("缺少 %s", [required])} if {
	claims
	not required in scopes
}

claims := payload if {
	[valid, _, payload] := io.jwt.decode_verify(bearer, {
		"secret": keys.secret,
		"iss": "https://id.example.com",
		"time": time.parse_rfc3339_ns(input.time),
	})
	valid
}

scopes := {scope | some scope in split(claims.scope, " ")}

bearer := trim_prefix(input.headers.authorization, "Bearer ")

required := "orders:read" if {
	input.method in {"GET", "HEAD"}
	glob.match("/v1/orders/*", ["/"], input.path)
}

required := "orders:write" if {
	input.method == "POST"
	input.path == "/v1/orders"
}

token(scope) := io.jwt.encode_sign(
	{"typ": "JWT", "alg": "HS256"},
	{"iss": "https://id.example.com", "exp": 1798761600, "scope": scope},
	{"kty": "oct", "k": "c2VjcmV0"},
)

request(method, path, scope) := {
	"method": method, "path": path, "time": "2026-11-01T08:00:00Z",
	"headers": {"authorization": concat(" ", ["Bearer", token(scope)])},
}

test_reader_reads if {
	decision.allowed with input as request("GET", "/v1/orders/42", "orders:read profile")
		with keys.secret as "secret"
}

test_head_is_reading if {
	decision.status == 200 with input as request("HEAD", "/v1/orders/42", "orders:read")
		with keys.secret as "secret"
}

test_reader_may_not_write if {
	decision == {"allowed": false, "status": 403, "reason": "缺少 orders:write"}
		with input as request("POST", "/v1/orders", "orders:read")
		with keys.secret as "secret"
}

test_wrong_key if {
	decision.status == 401 with input as request("GET", "/v1/orders/42", "orders:read")
		with keys.secret as "other"
}
