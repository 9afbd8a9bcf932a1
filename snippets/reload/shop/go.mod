module example.com/assay/shop

go 1.26.0

require example.com/assay/price v0.0.0

replace example.com/assay/price => ../price
