module httpdyno/new-entry

go 1.26.0
