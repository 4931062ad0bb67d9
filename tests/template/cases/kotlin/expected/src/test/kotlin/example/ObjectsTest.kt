package example

import com.amazonaws.services.lambda.runtime.tests.EventLoader
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class ObjectsTest {
    private val function = Objects()

    @Test
    fun namesTheObjectsThatChanged() {
        val response = function.handleRequest(EventLoader.loadS3Event("events/objects.json"), null)
        assertEquals(mapOf("objects" to listOf("s3://pictures/2026/a picture of Ada.jpg")), response)
    }
}
