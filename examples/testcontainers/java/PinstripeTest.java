// org.testcontainers:testcontainers, org.testcontainers:junit-jupiter, com.stripe:stripe-java
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.stripe.StripeClient;
import com.stripe.param.CustomerCreateParams;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

@Testcontainers
class PinstripeTest {
  @Container
  static final GenericContainer<?> PINSTRIPE = new GenericContainer<>(DockerImageName.parse("pinstripe"))
      .withExposedPorts(12111)
      .waitingFor(Wait.forHttp("/healthz").forPort(12111));

  @Test
  void aCustomerIsCreated() throws Exception {
    StripeClient client = StripeClient.builder()
        .setApiKey("sk_test_sandbox_customers")
        .setApiBase("http://" + PINSTRIPE.getHost() + ":" + PINSTRIPE.getMappedPort(12111))
        .build();
    var made = client.v1().customers().create(CustomerCreateParams.builder().setEmail("ada@example.com").build());
    assertEquals("ada@example.com", client.v1().customers().retrieve(made.getId()).getEmail());
  }
}
