package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
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
	for _, event := range []events.SQSEvent{event, {}} {
		answer, err := handleSqs(context.Background(), event)
		if err != nil || answer.BatchItemFailures == nil || len(answer.BatchItemFailures) != 0 {
			t.Errorf("got %v, %v", answer, err)
		}
	}
}

func TestSqsNeverNamesAMessageWithoutIdentifier(t *testing.T) {
	event := events.SQSEvent{Records: []events.SQSMessage{{Body: "{}"}}}
	if _, err := handleSqs(context.Background(), event); err == nil {
		t.Error("the batch must fail")
	}
}

func TestSqsNamesWhatFailed(t *testing.T) {
	const good, bad = `{"name": "Ada"}`, "{}"
	for _, row := range []struct {
		groups string
		bodies []string
		want   string
	}{
		{"aaa", []string{good, bad, good}, "1"},
		{"aaa", []string{bad, bad, bad}, "012"},
		{"aa", []string{"not JSON", good}, "0"},
	} {
		event, got := events.SQSEvent{}, ""
		for index, body := range row.bodies {
			group := map[string]string{"MessageGroupId": row.groups[index : index+1]}
			message := events.SQSMessage{MessageId: strconv.Itoa(index), Body: body, Attributes: group}
			event.Records = append(event.Records, message)
		}
		answer, err := handleSqs(context.Background(), event)
		for _, failure := range answer.BatchItemFailures {
			got += failure.ItemIdentifier
		}
		if err != nil || got != row.want {
			t.Errorf("got %v, %v for %v", got, err, row)
		}
	}
}
