package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// read gets a sample event from its file.
func read(t *testing.T, path string, event any) {
	t.Helper()
	text, err := os.ReadFile("../../" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, event); err != nil {
		t.Fatal(err)
	}
}

func TestNoneGreetsWhomTheEventNames(t *testing.T) {
	var event Event
	read(t, "events/search.json", &event)
	answer, err := handleNone(context.Background(), event)
	if err != nil || answer.Greeting != "Hello, Ada!" {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestNoneGreetsTheWorldWithoutAName(t *testing.T) {
	answer, err := handleNone(context.Background(), Event{})
	if err != nil || answer.Greeting != "Hello, world!" {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestSqsWorksOnEveryMessage(t *testing.T) {
	var event events.SQSEvent
	read(t, "events/refresh.json", &event)
	answer, err := handleSqs(context.Background(), event)
	if err != nil || len(answer.BatchItemFailures) != 0 {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestSqsNamesWhatFailed(t *testing.T) {
	event := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "wrong", Body: "{}"}}}
	answer, err := handleSqs(context.Background(), event)
	if err != nil || len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != "wrong" {
		t.Errorf("got %v, %v", answer, err)
	}
}
