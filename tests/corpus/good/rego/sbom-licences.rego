# METADATA
# scope: package
# title: 软件物料清单里的许可证
# schemas:
#   - input:
#       type: object
#       additionalProperties: false
#       properties:
#         name: {type: string}
#         spdxVersion: {type: string}
#         packages:
#           type: array
#           items:
#             type: object
#             additionalProperties: false
#             properties:
#               name: {type: string}
#               versionInfo: {type: string}
#               licenseConcluded: {type: string}
package sbom.licences

allowed := {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

deny contains message if {
	not regex.match(`^SPDX-2\.\d+$`, input.spdxVersion)
	message := sprintf("%s: 不认识的格式 %s", [input.name, input.spdxVersion])
}

deny contains message if {
	some component in input.packages
	licences := {trim(part, "() ") | some part in regex.split(` OR `, component.licenseConcluded)}
	count(licences & allowed) == 0
	message := sprintf("%s@%s: %s", [component.name, component.versionInfo, concat(", ", licences)])
}

list(licence) := {"name": "order", "spdxVersion": "SPDX-2.3", "packages": [{
	"name": "example.com/lib",
	"versionInfo": "v1.2.0",
	"licenseConcluded": licence,
}]}

test_each_allowed if {
	every licence in ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"] {
		count(deny) == 0 with input as list(licence)
	}
	count(allowed) == 5
}

test_one_of_two if count(deny) == 0 with input as list("(GPL-3.0-only OR MIT)")

test_none if deny == {"example.com/lib@v1.2.0: AGPL-3.0-only"} with input as list("AGPL-3.0-only")

test_other_format if {
	deny == {"order: 不认识的格式 CycloneDX"} with input as {
		"name": "order",
		"spdxVersion": "CycloneDX",
		"packages": [],
	}
}
