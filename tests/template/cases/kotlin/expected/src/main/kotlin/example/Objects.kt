package example

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.S3Event
import java.lang.System.Logger.Level

/** Looks at what has happened to which objects. */
class Objects : RequestHandler<S3Event, Map<String, List<String>>> {
    private val log = System.getLogger(Objects::class.java.name)

    override fun handleRequest(event: S3Event, context: Context?): Map<String, List<String>> {
        // A key comes encoded as in a form, with + for a blank.
        val objects = event.records.map { "s3://${it.s3.bucket.name}/${it.s3.`object`.urlDecodedKey}" }
        log.log(Level.INFO, "objects changed: {0}", objects)
        return mapOf("objects" to objects)
    }
}
