package example

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.S3Event
import java.lang.System.Logger.Level
import org.crac.Core
import org.crac.Resource

/** Looks at what has happened to which objects. */
class Objects : RequestHandler<S3Event, Map<String, List<String>>>, Resource {
    private val log = System.getLogger(Objects::class.java.name)

    init {
        Core.getGlobalContext().register(this)
    }

    /** Runs before SnapStart takes its snapshot: what has run once is loaded in it. Nothing here may have effects. */
    override fun beforeCheckpoint(context: org.crac.Context<out Resource>) {
        handleRequest(S3Event(listOf()), null)
    }

    /** Runs after each restore: open connections again here, and draw again what must be unique. */
    override fun afterRestore(context: org.crac.Context<out Resource>) {}

    override fun handleRequest(event: S3Event, context: Context?): Map<String, List<String>> {
        // A key comes encoded as in a form, with + for a blank.
        val objects = event.records.map { "s3://${it.s3.bucket.name}/${it.s3.`object`.urlDecodedKey}" }
        log.log(Level.INFO, "objects changed: {0}", objects)
        return mapOf("objects" to objects)
    }
}
