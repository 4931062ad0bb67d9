package example

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.ScheduledEvent
import java.lang.System.Logger.Level
import org.joda.time.format.ISODateTimeFormat

/** Does the work that is due at the time that the event names: the same once more, if it comes twice. */
class Due : RequestHandler<ScheduledEvent, Map<String, String>> {
    private val log = System.getLogger(Due::class.java.name)

    override fun handleRequest(event: ScheduledEvent, context: Context?): Map<String, String> {
        val due = ISODateTimeFormat.dateTimeNoMillis().withZoneUTC().print(event.time)
        log.log(Level.INFO, "work is due: {0}", due)
        return mapOf("done" to due)
    }
}
