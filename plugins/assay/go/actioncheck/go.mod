module actioncheck

go 1.27.0

require github.com/rhysd/actionlint v1.7.12
