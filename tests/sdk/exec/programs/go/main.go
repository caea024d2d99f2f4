// A program of Go's own library: it knows no server but Stripe's.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	body := strings.NewReader("email=ada@example.com")
	request, err := http.NewRequest("POST", "https://api.stripe.com/v1/customers", body)
	if err != nil {
		panic(err)
	}
	request.SetBasicAuth(os.Getenv("STRIPE_API_KEY"), "")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	fmt.Println(response.Proto, response.StatusCode)
}
