module assay/fragment

go 1.25
