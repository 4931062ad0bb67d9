package example

import com.amazonaws.services.lambda.runtime.Context
import java.lang.System.Logger.Level
import org.crac.Core
import org.crac.Resource

/** Greets the person that the event names: the event is any JSON that the caller sends. */
class Plain : Resource {
    private val log = System.getLogger(Plain::class.java.name)

    init {
        Core.getGlobalContext().register(this)
    }

    /** Runs before SnapStart takes its snapshot: what has run once is loaded in it. Nothing here may have effects. */
    override fun beforeCheckpoint(context: org.crac.Context<out Resource>) {
        greet(mapOf(), null)
    }

    /** Runs after each restore: open connections again here, and draw again what must be unique. */
    override fun afterRestore(context: org.crac.Context<out Resource>) {}

    fun greet(event: Map<String, String>, context: Context?): Map<String, String> {
        val name = event["name"] ?: "world"
        log.log(Level.INFO, "event received: {0}", name)
        return mapOf("greeting" to "Hello, $name!")
    }
}
