package example

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.ScheduledEvent
import java.lang.System.Logger.Level
import org.crac.Core
import org.crac.Resource
import org.joda.time.format.ISODateTimeFormat

/** Does the work that is due at the time that the event names: the same once more, if it comes twice. */
class Due : RequestHandler<ScheduledEvent, Map<String, String>>, Resource {
    private val log = System.getLogger(Due::class.java.name)

    init {
        Core.getGlobalContext().register(this)
    }

    /** Runs before SnapStart takes its snapshot: what has run once is loaded in it. Nothing here may have effects. */
    override fun beforeCheckpoint(context: org.crac.Context<out Resource>) {
        handleRequest(ScheduledEvent(), null)
    }

    /** Runs after each restore: open connections again here, and draw again what must be unique. */
    override fun afterRestore(context: org.crac.Context<out Resource>) {}

    override fun handleRequest(event: ScheduledEvent, context: Context?): Map<String, String> {
        val due = ISODateTimeFormat.dateTimeNoMillis().withZoneUTC().print(event.time)
        log.log(Level.INFO, "work is due: {0}", due)
        return mapOf("done" to due)
    }
}
