// Command bootstrap is the function: Lambda starts it, and it answers one event after the other.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Event is any JSON that the caller sends.
type Event struct {
	Name string `json:"name"`
}

// Answer is what the caller gets.
type Answer struct {
	Greeting string `json:"greeting"`
}

// handleNone greets whom the event names.
func handleNone(ctx context.Context, event Event) (Answer, error) {
	slog.InfoContext(ctx, "event received", "name", event.Name)
	if event.Name == "" {
		event.Name = "world"
	}
	return Answer{Greeting: fmt.Sprintf("Hello, %s!", event.Name)}, nil
}

// handleSqs works on a batch of messages. The answer names those that failed, so that only they are delivered again;
// this takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
func handleSqs(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, record := range event.Records {
		if record.MessageId == "" {
			return answer, errors.New("a message has no identifier")
		}
		if err := work(ctx, record.Body); err != nil {
			slog.ErrorContext(ctx, "message failed", "id", record.MessageId, "error", err)
			failure := events.SQSBatchItemFailure{ItemIdentifier: record.MessageId}
			answer.BatchItemFailures = append(answer.BatchItemFailures, failure)
		}
	}
	return answer, nil
}

// work does what one message asks for.
func work(ctx context.Context, body string) error {
	var message struct{ Name string }
	if err := json.Unmarshal([]byte(body), &message); err != nil {
		return err
	}
	if message.Name == "" {
		return errors.New("the message names nobody")
	}
	slog.InfoContext(ctx, "Hello, "+message.Name+"!")
	return nil
}

func main() {
	lambda.Start(map[string]any{
		"search":  handleNone,
		"refresh": handleSqs,
	}[os.Getenv("_HANDLER")])
}
