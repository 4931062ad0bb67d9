package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RefreshTest {
    private final Refresh function = new Refresh();

    @Test
    void greetsThePersonThatTheEventNames() {
        assertEquals(Map.of("greeting", "Hello, Ada!"), function.handleRequest(Map.of("name", "Ada"), null));
    }

    @Test
    void greetsTheWorldWithoutAName() {
        assertEquals(Map.of("greeting", "Hello, world!"), function.handleRequest(Map.of(), null));
    }
}
