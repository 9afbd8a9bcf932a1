package main

type region struct{}
type name struct{}

func outside(r region, l *library) ([]name, error) { return nil, nil }
