module httpdyno/hyperserve

go 1.26.8

require (
	github.com/osauer/hyperserve v0.24.0
	httpdyno/entry v0.0.0
)

replace httpdyno/entry => ../_shared/go
