package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// read gets a sample event from its file.
func read(t *testing.T, path string, event any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, event); err != nil {
		t.Fatal(err)
	}
}

func TestGreetsWhomTheQueryStringNames(t *testing.T) {
	var event events.APIGatewayV2HTTPRequest
	read(t, "events/api-gateway-http.json", &event)
	answer, err := handle(context.Background(), event)
	if err != nil || answer.StatusCode != 200 || answer.Body != `{"greeting":"Hello, Ada!"}` {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestGreetsTheWorldWithoutAQueryString(t *testing.T) {
	answer, err := handle(context.Background(), events.APIGatewayV2HTTPRequest{})
	if err != nil || answer.Body != `{"greeting":"Hello, world!"}` {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestRefusesANameThatIsTooLong(t *testing.T) {
	query := map[string]string{"name": strings.Repeat("A", 101)}
	answer, err := handle(context.Background(), events.APIGatewayV2HTTPRequest{QueryStringParameters: query})
	if err != nil || answer.StatusCode != 400 {
		t.Errorf("got %v, %v", answer, err)
	}
}
