package example

import com.amazonaws.services.lambda.runtime.events.SQSEvent
import com.amazonaws.services.lambda.runtime.tests.EventLoader
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class WorkTest {
    private val function = Work()

    @Test
    fun worksOnEveryMessage() {
        val response = function.handleRequest(EventLoader.loadSQSEvent("events/work.json"), null)
        assertEquals(listOf<Any>(), response.batchItemFailures)
    }

    @Test
    fun namesTheMessageThatFailed() {
        val message = SQSEvent.SQSMessage().apply {
            messageId = "wrong"
            body = "{}"
        }
        val response = function.handleRequest(SQSEvent().apply { records = listOf(message) }, null)
        assertEquals("wrong", response.batchItemFailures[0].itemIdentifier)
    }
}
