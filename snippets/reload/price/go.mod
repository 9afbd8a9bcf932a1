module example.com/assay/price

go 1.26.0
