package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.tests.EventLoader;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AppTest {
    private final App function = new App();

    @Test
    void greetsThePersonThatTheQueryStringNames() {
        var answer = function.handleRequest(EventLoader.loadApiGatewayHttpEvent("events/api-gateway-http.json"), null);
        assertEquals(200, answer.getStatusCode());
        assertEquals("{\"greeting\":\"Hello, Ada!\"}", answer.getBody());
    }

    @Test
    void greetsTheWorldWithoutAQueryString() {
        var answer = function.handleRequest(new APIGatewayV2HTTPEvent(), null);
        assertEquals("{\"greeting\":\"Hello, world!\"}", answer.getBody());
    }

    @Test
    void refusesANameThatIsTooLong() {
        var event = new APIGatewayV2HTTPEvent();
        event.setQueryStringParameters(Map.of("name", "A".repeat(101)));
        assertEquals(400, function.handleRequest(event, null).getStatusCode());
    }
}
