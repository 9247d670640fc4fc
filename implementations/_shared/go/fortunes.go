package entry

import (
	"bytes"
	"html/template"
	"slices"
	"strings"
)

// html/template parses once and escapes what it is given for where it stands.
var fortunesPage = template.Must(template.New("fortunes").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Fortunes</title>
</head>
<body>
<table>
<tr><th>id</th><th>message</th></tr>
{{- range .}}
<tr><td>{{.ID}}</td><td>{{.Message}}</td></tr>
{{- end}}
</table>
</body>
</html>
`))

// render adds the additional fortune, sorts by message (by code points), and makes the page.
func render(fortunes []fortune) ([]byte, error) {
	fortunes = append(fortunes, fortune{Message: "Additional fortune added at request time."})
	slices.SortFunc(fortunes, func(one, other fortune) int { return strings.Compare(one.Message, other.Message) })
	var page bytes.Buffer
	err := fortunesPage.Execute(&page, fortunes)
	return page.Bytes(), err
}
