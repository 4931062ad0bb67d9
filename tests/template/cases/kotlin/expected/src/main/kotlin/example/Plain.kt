package example

import com.amazonaws.services.lambda.runtime.Context
import java.lang.System.Logger.Level

/** Greets the person that the event names: the event is any JSON that the caller sends. */
class Plain {
    private val log = System.getLogger(Plain::class.java.name)

    fun greet(event: Map<String, String>, context: Context?): Map<String, String> {
        val name = event["name"] ?: "world"
        log.log(Level.INFO, "event received: {0}", name)
        return mapOf("greeting" to "Hello, $name!")
    }
}
