module assay/shellparse

go 1.27.0

require mvdan.cc/sh/v3 v3.14.1
