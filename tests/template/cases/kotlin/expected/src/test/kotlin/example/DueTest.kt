package example

import com.amazonaws.services.lambda.runtime.tests.EventLoader
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class DueTest {
    private val function = Due()

    @Test
    fun doesTheWorkThatIsDue() {
        val response = function.handleRequest(EventLoader.loadScheduledEvent("events/due.json"), null)
        assertEquals(mapOf("done" to "2026-01-31T06:00:00Z"), response)
    }
}
