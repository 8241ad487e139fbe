/** What users, shells and services call: define, run, inspect, save and restore virtual machines. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.machine;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
