import './catalogue.css';
import './status.css';
import './release.css';
