package example

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse
import com.amazonaws.services.lambda.runtime.events.SQSEvent
import com.google.gson.JsonParser
import java.lang.System.Logger.Level

/**
 * Works on a batch of messages. The response names those that failed, so that only they are delivered again; this takes
 * an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
 */
class Work : RequestHandler<SQSEvent, SQSBatchResponse> {
    private val log = System.getLogger(Work::class.java.name)

    override fun handleRequest(event: SQSEvent, context: Context?): SQSBatchResponse {
        val failures = mutableListOf<SQSBatchResponse.BatchItemFailure>()
        for (record in event.records) {
            try {
                work(record.body)
            } catch (error: RuntimeException) {
                log.log(Level.ERROR, "message failed: ${record.messageId}", error)
                failures.add(SQSBatchResponse.BatchItemFailure(record.messageId))
            }
        }
        return SQSBatchResponse(failures)
    }

    /** Does the work that one message asks for. */
    private fun work(body: String) {
        val name = requireNotNull(JsonParser.parseString(body).asJsonObject["name"]) { "the message names nobody" }
        log.log(Level.INFO, "Hello, {0}!", name.asString)
    }
}
