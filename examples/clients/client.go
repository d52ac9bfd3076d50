// schedulerd from Go, without packages: asks for a call, safely again when there is no answer, and waits for its end.
//
//	SCHEDULERD_URL=http://127.0.0.1:8080 [SCHEDULERD_API_KEY=…] go run client.go URL_TO_CALL
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

type task struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Version int    `json:"version"`
}

type problem struct {
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func (p *problem) Error() string { return fmt.Sprintf("%d: %s", p.Status, p.Detail) }

var (
	server = "http://127.0.0.1:8080"
	client = &http.Client{Timeout: 10 * time.Second}
)

func call(method, path string, document any, headers map[string]string) (*task, error) {
	var body bytes.Buffer
	if document != nil {
		if err := json.NewEncoder(&body).Encode(document); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequest(method, server+path, &body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if key := os.Getenv("SCHEDULERD_API_KEY"); key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		refusal := &problem{Status: answer.StatusCode}
		_ = json.NewDecoder(answer.Body).Decode(refusal)
		return nil, refusal
	}
	made := &task{}
	return made, json.NewDecoder(answer.Body).Decode(made)
}

// One key for one request, however often it is sent: it makes one task.
func create(document any) (*task, error) {
	key := fmt.Sprintf("%x", func() []byte { b := make([]byte, 16); rand.Read(b); return b }())
	for attempt := 1; ; attempt++ {
		made, err := call("POST", "/v1/tasks", document, map[string]string{"Idempotency-Key": key})
		if err == nil {
			return made, nil
		}
		refusal, isAnswer := err.(*problem)
		isFinal := isAnswer && refusal.Status < 500 && refusal.Status != 409 && refusal.Status != 429
		if isFinal || attempt == 5 {
			return nil, err
		}
		time.Sleep(200 * time.Millisecond << attempt)
	}
}

func main() {
	if url := os.Getenv("SCHEDULERD_URL"); url != "" {
		server = url
	}
	made, err := create(map[string]any{
		"plan_time": time.Now().Add(200 * time.Millisecond).UTC().Format(time.RFC3339Nano),
		"request":   map[string]any{"url": os.Args[1], "body": "order=42"},
		"labels":    map[string]string{"order": "42"},
	})
	if err != nil {
		log.Fatal(err)
	}
	path := "/v1/tasks/" + made.ID
	// Another time, if nobody has changed the task meanwhile.
	_, err = call("PATCH", path, map[string]any{"plan_time": 0}, map[string]string{"If-Match": fmt.Sprintf("%q", fmt.Sprint(made.Version))})
	if refusal, isAnswer := err.(*problem); err != nil && !(isAnswer && (refusal.Status == 409 || refusal.Status == 412)) {
		log.Fatal(err)
	}
	for look := 0; look < 100 && made.State != "succeeded" && made.State != "dead" && made.State != "cancelled"; look++ {
		time.Sleep(100 * time.Millisecond)
		if made, err = call("GET", path, nil, nil); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(made.ID, made.State)
}
