// go get github.com/testcontainers/testcontainers-go github.com/stripe/stripe-go/v82
package shop_test

import (
	"context"
	"testing"

	"github.com/stripe/stripe-go/v82"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

func TestACustomerIsCreated(t *testing.T) {
	ctx := context.Background()
	container, err := testcontainers.Run(ctx, "pinstripe",
		testcontainers.WithExposedPorts("12111/tcp"),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/healthz").WithPort("12111/tcp")),
	)
	testcontainers.CleanupContainer(t, container)
	if err != nil {
		t.Fatal(err)
	}
	address, err := container.PortEndpoint(ctx, "12111/tcp", "http")
	if err != nil {
		t.Fatal(err)
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(address)})
	client := stripe.NewClient("sk_test_sandbox_customers", stripe.WithBackends(&stripe.Backends{API: backend, Uploads: backend}))
	made, err := client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Email: stripe.String("ada@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	if made.Email != "ada@example.com" {
		t.Fatalf("its address is %s", made.Email)
	}
}
