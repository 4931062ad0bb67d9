package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.google.gson.Gson;
import java.lang.System.Logger.Level;
import java.util.Map;

/** Greets the person that the query string names; API Gateway calls it for every request (payload format 2.0). */
public class App implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
    private static final System.Logger LOG = System.getLogger(App.class.getName());

    @Override
    public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
        LOG.log(Level.INFO, "request received: {0}", event.getRouteKey());
        Map<String, String> query = event.getQueryStringParameters();
        String name = query == null ? "world" : query.getOrDefault("name", "world");
        if (name.length() > 100) {
            return respond(400, Map.of("error", "a name has at most 100 characters"));
        }
        return respond(200, Map.of("greeting", "Hello, " + name + "!"));
    }

    /** Gives the answer the shape that API Gateway wants: the body is a string. */
    private static APIGatewayV2HTTPResponse respond(int status, Object body) {
        return APIGatewayV2HTTPResponse.builder()
                .withStatusCode(status)
                .withHeaders(Map.of("content-type", "application/json"))
                .withBody(new Gson().toJson(body))
                .build();
    }
}
