// Command bootstrap is the function: Lambda starts it, and it answers one event after the other.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// handle greets whom the query string names; API Gateway calls it for every request (payload format 2.0).
func handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	request := event.RequestContext.HTTP
	slog.InfoContext(ctx, "request received", "method", request.Method, "path", request.Path)
	name := event.QueryStringParameters["name"]
	if utf8.RuneCountInString(name) > 100 {
		return respond(http.StatusBadRequest, map[string]string{"error": "a name has at most 100 characters"})
	}
	if name == "" {
		name = "world"
	}
	return respond(http.StatusOK, map[string]string{"greeting": "Hello, " + name + "!"})
}

// respond gives the answer the shape API Gateway wants: the body is a string.
func respond(status int, body any) (events.APIGatewayV2HTTPResponse, error) {
	text, err := json.Marshal(body)
	headers := map[string]string{"content-type": "application/json"}
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: headers, Body: string(text)}, err
}

func main() {
	lambda.Start(handle)
}
