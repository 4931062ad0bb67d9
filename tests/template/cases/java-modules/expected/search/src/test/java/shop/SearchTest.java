package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SearchTest {
    private final Search function = new Search();

    @Test
    void greetsThePersonThatTheEventNames() {
        assertEquals(Map.of("greeting", "Hello, Ada!"), function.find(Map.of("name", "Ada"), null));
    }

    @Test
    void greetsTheWorldWithoutAName() {
        assertEquals(Map.of("greeting", "Hello, world!"), function.find(Map.of(), null));
    }
}
