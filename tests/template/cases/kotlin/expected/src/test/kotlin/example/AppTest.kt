package example

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent
import com.amazonaws.services.lambda.runtime.tests.EventLoader
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class AppTest {
    private val function = App()

    @Test
    fun greetsThePersonThatTheQueryStringNames() {
        val response = function.handleRequest(EventLoader.loadApiGatewayHttpEvent("events/greet.json"), null)
        assertEquals(200, response.statusCode)
        assertEquals("""{"greeting":"Hello, Ada!"}""", response.body)
    }

    @Test
    fun greetsTheWorldWithoutAQueryString() {
        val response = function.handleRequest(APIGatewayV2HTTPEvent(), null)
        assertEquals("""{"greeting":"Hello, world!"}""", response.body)
    }
}
