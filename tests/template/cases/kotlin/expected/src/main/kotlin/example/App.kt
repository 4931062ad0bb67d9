package example

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse
import com.google.gson.Gson
import java.lang.System.Logger.Level
import org.crac.Core
import org.crac.Resource

/** Greets the person that the query string names; API Gateway calls it for every request (payload format 2.0). */
class App : RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse>, Resource {
    private val log = System.getLogger(App::class.java.name)

    init {
        Core.getGlobalContext().register(this)
    }

    /** Runs before SnapStart takes its snapshot: what has run once is loaded in it. Nothing here may have effects. */
    override fun beforeCheckpoint(context: org.crac.Context<out Resource>) {
        handleRequest(APIGatewayV2HTTPEvent(), null)
    }

    /** Runs after each restore: open connections again here, and draw again what must be unique. */
    override fun afterRestore(context: org.crac.Context<out Resource>) {}

    override fun handleRequest(event: APIGatewayV2HTTPEvent, context: Context?): APIGatewayV2HTTPResponse {
        log.log(Level.INFO, "request received: {0}", event.routeKey)
        val name = event.queryStringParameters?.get("name") ?: "world"
        return respond(200, mapOf("greeting" to "Hello, $name!"))
    }

    /** Returns a response in the form that API Gateway expects: the body is a string. */
    private fun respond(status: Int, body: Any): APIGatewayV2HTTPResponse =
        APIGatewayV2HTTPResponse.builder()
            .withStatusCode(status)
            .withHeaders(mapOf("content-type" to "application/json"))
            .withBody(Gson().toJson(body))
            .build()
}
