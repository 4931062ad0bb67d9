package shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.lang.System.Logger.Level;
import java.util.Map;

/** Greets the person that the event names: the event is any JSON that the caller sends. */
public class Refresh implements RequestHandler<Map<String, String>, Map<String, String>> {
    private static final System.Logger LOG = System.getLogger(Refresh.class.getName());

    @Override
    public Map<String, String> handleRequest(Map<String, String> event, Context context) {
        String name = event.getOrDefault("name", "world");
        LOG.log(Level.INFO, "event received: {0}", name);
        return Map.of("greeting", "Hello, " + name + "!");
    }
}
