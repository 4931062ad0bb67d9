package shop;

import com.amazonaws.services.lambda.runtime.Context;
import java.lang.System.Logger.Level;
import java.util.Map;

/** Greets the person that the event names: the event is any JSON that the caller sends. */
public class Search {
    private static final System.Logger LOG = System.getLogger(Search.class.getName());

    public Map<String, String> find(Map<String, String> event, Context context) {
        String name = event.getOrDefault("name", "world");
        LOG.log(Level.INFO, "event received: {0}", name);
        return Map.of("greeting", "Hello, " + name + "!");
    }
}
