package example

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class PlainTest {
    private val function = Plain()

    @Test
    fun greetsThePersonThatTheEventNames() {
        assertEquals(mapOf("greeting" to "Hello, Ada!"), function.greet(mapOf("name" to "Ada"), null))
    }

    @Test
    fun greetsTheWorldWithoutAName() {
        assertEquals(mapOf("greeting" to "Hello, world!"), function.greet(mapOf(), null))
    }
}
