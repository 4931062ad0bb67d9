package shop;

import com.amazonaws.services.lambda.runtime.Context;
import java.util.Map;
import shop.words.Words;

public class Search {
    public Map<String, String> find(Map<String, String> event, Context context) {
        return Map.of("greeting", Words.hello(event.getOrDefault("name", "world")));
    }
}
