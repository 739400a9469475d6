<?php

declare(strict_types=1);

namespace GetImmutable;

use RuntimeException;

/** A proof, a checkpoint or a key does not show what it should; the message says what is wrong. */
class ProofException extends RuntimeException
{
}
